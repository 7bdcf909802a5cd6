// answers: the circles of guarantees that lead back to an enterprise, at most five links
// mode: read
// params: id, limit
MATCH p = (e:Enterprise {id: $id})-[:GUARANTEES*2..5]->(e)
WHERE all(t IN relationships(p) WHERE t.dayan = true)
WITH [n IN nodes(p) | n.id] AS ids, [n IN nodes(p) | n.name] AS names, length(p) AS links
RETURN ids, names, links
ORDER BY links, ids
LIMIT $limit
