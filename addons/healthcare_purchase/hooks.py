def post_init_hook(env):
    """Number the lines of orders that were confirmed before the suite came.

    Documents cite order lines by number, and bills for these orders are still to come.
    """
    env.cr.execute(
        """
        UPDATE purchase_order_line line
           SET line_number = numbered.position
          FROM (
                SELECT line.id,
                       row_number() OVER (
                           PARTITION BY line.order_id ORDER BY line.sequence, line.id
                       ) AS position
                  FROM purchase_order_line line
                  JOIN purchase_order ON purchase_order.id = line.order_id
                 WHERE purchase_order.state = 'purchase'
                   AND line.display_type IS NULL
               ) numbered
         WHERE numbered.id = line.id
           AND coalesce(line.line_number, 0) = 0
        """
    )
    env["purchase.order.line"].invalidate_model(["line_number"])
