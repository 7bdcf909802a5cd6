// answers: the ids of all Product nodes that are or were ours
// mode: read
// params: 
MATCH (n:Product) WHERE n.dayan IS NOT NULL
RETURN n.id AS id, n.dayan AS ours
