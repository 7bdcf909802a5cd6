// answers: the segments of a chain, upstream first, with how many enterprises stand in each
// mode: read
// params: chain
MATCH (c:Chain {id: $chain})
MATCH (s:Segment)-[:PART_OF {dayan: true}]->(c)
CALL (s) { MATCH (:Enterprise)-[x:STANDS_IN {dayan: true}]->(s) RETURN count(x) AS enterprises }
RETURN s.id AS id, s.name AS name, s.name_en AS name_en, s.tier AS tier, s.role AS role, enterprises
ORDER BY tier DESC, id
