"""Pictures of figures, drawn on the server as SVG. Pure: they are given figures and finished words, and give markup.

Positions along the width are percentages, so that a picture is as wide as its place and stays readable in a narrow one.
All other lengths follow the size of the text, which is the page's: whoever reads with larger text has a larger picture,
which is moved sideways where its place is too narrow for it. Colours, dark and print are classes of
``static/earmark.css``; no style stands in the markup. Each picture has a title and a sentence for those who do not see
it, and the page shows its table beside it.
"""
