// answers: where an enterprise stands: segments and chains with level, depth and confidence
// mode: read
// params: id
MATCH (e:Enterprise {id: $id})
MATCH (e)-[x:STANDS_IN {dayan: true}]->(s:Segment)-[:PART_OF {dayan: true}]->(c:Chain)
RETURN c.id AS chain, s.id AS segment, s.name AS name, x.level AS level, x.depth AS depth,
       x.confidence AS confidence, x.membership AS membership, x.basis AS basis
ORDER BY chain, segment
