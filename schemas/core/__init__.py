"""What everyone needs: intervals, allowed expressions, identifiers, errors. Imports nothing of ours."""
