# widgets/
