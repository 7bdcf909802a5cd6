// answers: the enterprises of a segment, largest sales first
// mode: read
// params: segment, limit
MATCH (s:Segment {id: $segment})
MATCH (e:Enterprise)-[x:STANDS_IN {dayan: true}]->(s)
RETURN e.id AS id, e.name AS name, e.region AS region, x.level AS level, x.depth AS depth,
       x.confidence AS confidence, x.membership AS membership, x.basis AS basis, e.sales_fen AS sales_fen
ORDER BY coalesce(sales_fen, 0) DESC, id
LIMIT $limit
