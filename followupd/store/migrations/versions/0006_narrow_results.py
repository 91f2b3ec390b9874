"""What became of a mail stands with its touch; two indexes that others stand in for are gone; who has answered is found by their address,
and what is in hand is counted in its index alone.

What the columns mean stands in `schema.py`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forward; there is no way back."""
    op.add_column("touch", sa.Column("left", sa.String(27), nullable=True))
    op.add_column("touch", sa.Column("copy", sa.Text(), server_default="", nullable=False))
    told = '(SELECT mail."{0}" FROM mail WHERE mail.touch = touch.id)'
    op.execute(
        f'UPDATE touch SET "left" = {told.format("left")}, copy = {told.format("copy")} WHERE id IN (SELECT mail.touch FROM mail)'  # noqa: S608 - names of ours
    )
    op.drop_index("mail_copy_wanted", "mail")
    op.drop_index("mail_by_enrollment", "mail")
    op.drop_index("enrollment_by_address", "enrollment")
    op.drop_column("mail", "left")
    op.drop_column("mail", "copy")
    wanted = sa.text("touch.copy IN ('wanted', 'begun')")
    op.create_index("touch_copy_wanted", "touch", ["mailbox", "settled"], sqlite_where=wanted, postgresql_where=wanted)
    wrote = sa.text("reply.address <> '' AND reply.matched IN ('thread', 'token')")
    op.create_index("reply_by_writer", "reply", ["address"], sqlite_where=wrote, postgresql_where=wrote)
    in_hand = sa.text("touch.state = 'sending'")
    op.drop_index("touch_in_hand", "touch")
    op.create_index("touch_in_hand", "touch", ["mailbox", "due", "channel"], sqlite_where=in_hand, postgresql_where=in_hand)
