// answers: notes the state of the build that is writing or has written; nothing where another data folder's graph is
// mode: write
// params: snapshot, state, model, folder
MERGE (b:Build {id: 'current'})
WITH b
WHERE b.folder IS NULL OR b.folder = $folder
SET b.snapshot = $snapshot, b.state = $state, b.model = $model, b.folder = $folder, b.dayan = true
RETURN count(*) AS written
