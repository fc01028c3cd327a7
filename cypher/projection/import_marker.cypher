// What a mounted import without a Meta node was made from: it only has to be brought to its end.
MATCH (i:Import {id: 'graph'})
RETURN i.load_seq AS load_seq, i.schema_version AS schema_version
