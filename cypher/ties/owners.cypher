// answers: who owns or controls an enterprise, people and firms
// mode: read
// params: id
MATCH (e:Enterprise {id: $id})
MATCH (o)-[t:OWNS|CONTROLS]->(e) WHERE t.dayan = true
RETURN o.id AS id, o.name AS name, labels(o)[0] AS kind, type(t) AS tie, t.share AS share,
       t.first AS first, t.until AS until
ORDER BY tie, coalesce(share, 0.0) DESC, id
