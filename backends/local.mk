# backends/
