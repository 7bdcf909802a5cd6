// answers: how many suppliers and customers an enterprise has in all
// mode: read
// params: id
MATCH (e:Enterprise {id: $id}) WHERE e.dayan = true
CALL (e) { MATCH (:Enterprise)-[s:SUPPLIES {dayan: true, basis: 'observed'}]->(e) RETURN count(s) AS suppliers }
CALL (e) { MATCH (e)-[s:SUPPLIES {dayan: true, basis: 'observed'}]->(:Enterprise) RETURN count(s) AS customers }
RETURN suppliers, customers
