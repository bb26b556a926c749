"""The state's directory of districts and schools: its files in, again and again, without duplicates.

`importing.bring_in` is the verb; `tables` opens a file, `layouts` knows its columns, `entries` reads one row,
`writing` keeps it, `uploads` is the road of a file that staff upload.
"""
