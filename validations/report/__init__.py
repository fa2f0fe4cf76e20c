"""The quality report: share/quality/index.html, one file that opens offline, and the CSV files beside it."""

from validations.report.page import write
from validations.report.report_input import ReportInput, StudyLink

__all__ = ["ReportInput", "StudyLink", "write"]
