"""Other people's formats: reading their lists, writing ours."""
