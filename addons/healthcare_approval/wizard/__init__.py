from . import (
    approval_decide,
    approval_order_change,
    approval_order_change_line,
    comment_wizard,
    forward_wizard,
)
