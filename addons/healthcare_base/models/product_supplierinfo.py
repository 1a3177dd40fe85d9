from odoo import models


class ProductSupplierinfo(models.Model):
    _inherit = "product.supplierinfo"

    # For product.product._find_supplier_codes: price lists have a hundred thousand lines.
    _product_code_index = models.Index("(product_code) WHERE product_code IS NOT NULL")
