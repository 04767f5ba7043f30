"""Pictures of figures, drawn on the server as SVG. Pure: they are given figures and finished words, and give markup.

Positions along the width are percentages and text has the size of the page, so that a picture is as wide as its place
and stays readable in a narrow one. Colours, dark and print are classes of ``static/earmark.css``; no style stands in
the markup. Each picture has a title and a sentence for those who do not see it, and the page shows its table beside it.
"""
