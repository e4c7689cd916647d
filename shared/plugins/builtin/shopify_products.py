"""Reads Shopify's product CSV, classic and new headers, as products with variants and pictures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_columns import places_of, require_fields
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_tally import Tally
from shared.plugins.builtin.import_values import shown
from shared.plugins.builtin.seen_codes import SeenCodes
from shared.plugins.builtin.shopify_block import Block, BlockReader, handle_from
from shared.plugins.builtin.shopify_columns import FIELDS, REQUIRED
from shared.plugins.builtin.shopify_rows import RowReader
from shared.plugins.points.importer import (
    ImportEvent,
    ImportSettings,
    ProductDraft,
    Progress,
    Remark,
    VariantDraft,
)
