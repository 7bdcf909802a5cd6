// answers: the ids of all Person nodes that are or were ours
// mode: read
// params: 
MATCH (n:Person) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
