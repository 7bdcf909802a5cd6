// answers: all chains with the number of their segments
// mode: read
// params: 
MATCH (c:Chain) WHERE c.dayan = true
CALL (c) { MATCH (s:Segment)-[:PART_OF {dayan: true}]->(c) RETURN count(s) AS segments }
RETURN c.id AS id, c.name AS name, c.name_en AS name_en, segments
ORDER BY id
