// One sale and all it is connected with
:param id => '4401968001|ORDER-1'

MATCH with = (t:Transaction {id: $id})--()
RETURN with
