"""GET /get_report and /download_report, and the same reports under /api/v1/reports/."""

import uuid

ABSENT = uuid.UUID("00000000-0000-4000-8000-000000000000")
