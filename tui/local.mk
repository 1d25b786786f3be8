# tui/
