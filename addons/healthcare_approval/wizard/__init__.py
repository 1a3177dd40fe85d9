from . import approval_decide, approval_order_change, comment_wizard, forward_wizard
