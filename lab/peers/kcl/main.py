"""`python main.py main.k apps.json OUT`: run the KCL program and write what it gives, as one List."""

import sys

import kcl_lib.api as kcl

program, apps, out = sys.argv[1:]
with open(apps, encoding="utf-8") as file:
    value = file.read()
args = kcl.ExecProgramArgs(
    k_filename_list=[program],
    args=[kcl.Argument(name="apps", value=value)],
)
result = kcl.API().exec_program(args)
if result.err_message:
    sys.exit(result.err_message)
with open(f"{out}/apps.yaml", "w", encoding="utf-8") as file:
    file.write("apiVersion: v1\nkind: List\n")
    file.write(result.yaml_result)
    file.write("\n")
