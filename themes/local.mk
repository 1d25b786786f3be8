# themes/
