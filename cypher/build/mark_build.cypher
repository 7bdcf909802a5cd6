// answers: notes the state of the build that is writing or has written
// mode: write
// params: snapshot, state, model
MERGE (b:Build {id: 'current'})
SET b.snapshot = $snapshot, b.state = $state, b.model = $model, b.dayan = true
RETURN count(*) AS written
