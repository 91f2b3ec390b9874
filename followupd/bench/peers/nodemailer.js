// nodemailer with a pool of 8 connections, people and results in better-sqlite3 (WAL, synchronous=FULL), 100 results in one commit.
// Called as: node nodemailer.js PORT DATABASE. The same words and headers as message.py, as template strings.
'use strict'

const Database = require('better-sqlite3')
const nodemailer = require('nodemailer')

const [port, path] = process.argv.slice(2)
const CONNECTIONS = 8
const TOGETHER = 100
const SENDER = 'rep-001@example.com'

const escaped = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const html = (text) => text.replace(/[&<>"']/g, (letter) => escaped[letter])

function near (row) {
  return row.city ? `They are not far from ${row.city}, and would show you around.` : 'They would show you around.'
}

function text (row, goals) {
  return `Hello ${row.first_name},

when we spoke, you told me that **${row.challenges}** costs ${row.company} more than anything else this year. Three companies of
your size took the same first step, and [one of them wrote down how](https://example.com/how).

${near(row)}

What they did, in the order in which they did it:

${goals.map((goal) => `* ${goal}: before, and after a quarter\n`).join('\n')}
What it took was somebody in a role like yours (${row.title}) who
wanted to know. I can send you the list and the figures.

Which of these is nearest to what you have in mind? A word is enough, and "none of them" helps me as well.

Zoë Müller, Örtel & Söhne Ltd

────────────
If you would rather not hear from me again, answer with "stop" and I will not write again.
Örtel & Söhne Ltd, 1 Main Street, Springfield
`
}

function page (row, goals) {
  return `<!DOCTYPE html>
<html>
<head><meta charset="utf-8"></head>
<body><div style="font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:15px;line-height:1.5;color:#222;max-width:38em">
<p>Hello ${html(row.first_name)},</p>
<p>when we spoke, you told me that <strong>${html(row.challenges)}</strong> costs ${html(row.company)} more than anything else this year. Three companies of<br>
your size took the same first step, and <a href="https://example.com/how">one of them wrote down how</a>.</p>
<p>${html(near(row))}</p>
<p>What they did, in the order in which they did it:</p>
<ul>
${goals.map((goal) => `<li><p>${html(goal)}: before, and after a quarter</p></li>`).join('\n')}
</ul>
<p>What it took was somebody in a role like yours (${html(row.title)}) who<br>
wanted to know. I can send you the list and the figures.</p>
<p>Which of these is nearest to what you have in mind? A word is enough, and &quot;none of them&quot; helps me as well.</p>
<p>Zoë Müller, Örtel &amp; Söhne Ltd</p>
<div style="border-top:1px solid #ccc;margin-top:2em;padding-top:.7em;font-size:12px;color:#666">If you would rather not hear from me again, answer with &quot;stop&quot; and I will not write again.<br>
Örtel &amp; Söhne Ltd, 1 Main Street, Springfield</div>
</div></body>
</html>
`
}

async function main () {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  const due = database.prepare('SELECT id, person FROM due WHERE sent IS NULL ORDER BY id').all()
  const mark = database.prepare('UPDATE due SET sent = ? WHERE id = ?')
  let done = []
  const commit = database.transaction((few) => { for (const [at, id] of few) mark.run(at, id) })
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: Number(port), secure: false, ignoreTLS: true, pool: true, maxConnections: CONNECTIONS, maxMessages: Infinity })

  let next = 0
  async function work () {
    while (next < due.length) {
      const { id, person } = due[next++]
      const row = JSON.parse(person)
      const goals = [row.goals, row.second_goal, 'a list on the wall']
      const earlier = `<first.${row.number}.93ab1c77d0e94d538ad2e1@example.com>`
      await transport.sendMail({
        from: { name: 'Zoë Müller', address: SENDER },
        to: { name: `${row.first_name} ${row.last_name}`, address: row.email },
        subject: `Re: A thought for ${row.company}`,
        inReplyTo: earlier,
        references: earlier,
        headers: { 'List-Unsubscribe': `<mailto:${SENDER}?subject=unsubscribe>` },
        text: text(row, goals),
        html: page(row, goals),
        textEncoding: 'quoted-printable'
      })
      done.push([Date.now() / 1000, id])
      if (done.length >= TOGETHER) {
        const few = done
        done = []
        commit(few)
      }
    }
  }
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, work))
  commit(done)
  transport.close()
  database.close()
}

main().catch((error) => { console.error(error); process.exit(1) })
