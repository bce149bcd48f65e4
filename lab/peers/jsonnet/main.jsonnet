// `jsonnet -m OUT -J WORK main.jsonnet`: one file an app, as a List in JSON, which is quicker than YAML.
local objectsOf = import 'app.libsonnet';

{ [app.name + '.json']: objectsOf(app) for app in import 'apps.json' }
