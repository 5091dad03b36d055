"""Text in cells: styled, measured, broken and cut."""
