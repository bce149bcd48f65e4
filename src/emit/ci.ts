/** What pipelines of every host have in common: the facts they are made of, and their shell. Pure. */

/** What a pipeline must know of the repository that holds the declaration. Paths are relative to its root. */
export interface CiFacts {
  company: string;
  /** The declaration's folder, `.` for the root itself. */
  folder: string;
  /** The declaration in that folder: `.`, or a file's name where it is not the usual one. */
  declaration: string;
  /** The folder of the package-lock.json that pins landfall: `folder` or one above it. */
  packageFolder: string;
  /** The branch whose declaration is delivered. */
  branch: string;
  /** The fleet repo on a Git host; without one nothing can be delivered from a pipeline. */
  fleetUrl: string | undefined;
  /** The version of Node, e.g. `24.21.0`. */
  node: string;
  /** The release engine looks now and then; not where it runs elsewhere, on a hub say. */
  schedule: boolean;
}

/** Secrets of a pipeline, by name, with what they hold. */
export type CiSecrets = Record<string, string>;

export const kubeconfigSecret: CiSecrets = {
  LANDFALL_KUBECONFIG:
    "a kubeconfig with every cluster's context, for a user that may read what the engine observes",
};

/** What the fleet repo's Git host asks for: a deploy key for `ssh://`, a token for `https://`. */
export function fleetSecrets(fleetUrl: string): CiSecrets {
  return isSsh(fleetUrl)
    ? {
        LANDFALL_FLEET_KEY: "the private half of a deploy key that may push to the fleet repo",
        LANDFALL_FLEET_KNOWN_HOSTS: "the Git host's public keys, as ssh-keyscan prints them",
      }
    : { LANDFALL_FLEET_TOKEN: "a token that may push to the fleet repo, and nothing else" };
}

const isSsh = (url: string) => url.startsWith("ssh:");

/** Install exactly what is locked, and run nothing of it. */
export const install = "npm ci --ignore-scripts --no-audit --no-fund";

/** landfall as it is locked: found from any folder below the package, and never fetched. */
const landfall = "npm exec --no -- landfall";

/** Let git push to the fleet repo. All scripts keep what they write in `$temp`, which goes with the job. */
function fleetLogin(fleetUrl: string): string {
  return isSsh(fleetUrl)
    ? `umask 077
printf '%s\\n' "$LANDFALL_FLEET_KEY" > "$temp/fleet-key"
printf '%s\\n' "$LANDFALL_FLEET_KNOWN_HOSTS" > "$temp/known-hosts"
export GIT_SSH_COMMAND="ssh -i '$temp/fleet-key' -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile='$temp/known-hosts'"`
    : `cat > "$temp/askpass" <<'END'
#!/bin/sh
case $1 in Username*) echo landfall ;; *) echo "$LANDFALL_FLEET_TOKEN" ;; esac
END
chmod 700 "$temp/askpass"
export GIT_ASKPASS="$temp/askpass"`;
}

/** Where hosts differ. */
export interface CiHostWords {
  /** The commit that a change goes into. */
  base: string;
  /** Who started the job, for Git. */
  name: string;
  email: string;
  /** Push HEAD to the branch that the job runs for. */
  push: string;
}

/** What each job does, in a shell that stops at the first error and starts in the declaration's folder. */
export function scriptsOf({ fleetUrl = "", declaration }: CiFacts, { base, name, email, push }: CiHostWords) {
  const isDeclared = declaration === "." ? "ls landfall.config.*" : 'ls "$LANDFALL_DECLARATION"';
  return {
    check: `${landfall} check "$LANDFALL_DECLARATION"`,
    // Compared with the other commit and not with the fleet repo: that needs no secrets, so strangers may ask too.
    plan: `program=$(npm prefix)/node_modules/.bin/landfall
here=$PWD
mkdir "$temp/base"
git worktree add --quiet --detach "$temp/worktree" ${base}
cd "$temp/worktree"
# The first change of all has nothing before it.
if [ -e "$LANDFALL_PACKAGE/package-lock.json" ] && cd "$LANDFALL_FOLDER" && ${isDeclared} > /dev/null; then
  ${install}
  ${landfall} build "$LANDFALL_DECLARATION" --out "$temp/base"
fi
cd "$temp"
"$program" plan "$here/$LANDFALL_DECLARATION" --base base --markdown > plan.md`,
    // A secret made here would be lost with this machine, and the key that decrypts it too.
    deliver: `${landfall} build "$LANDFALL_DECLARATION" --out "$temp/fleet"
if [ -n "$(git status --porcelain --ignored -- secrets .sops.yaml)" ]; then
  echo 'secrets have no value yet: run landfall build at home, and commit secrets and .sops.yaml' >&2
  exit 4
fi
${fleetLogin(fleetUrl)}
deliver() { ${landfall} build "$LANDFALL_DECLARATION" --out "$temp/fleet" --commit; }
# Once more where somebody else was faster.
deliver || deliver`,
    // The version is committed beside the declaration, or the next delivery would take it back.
    start: `git config user.name "${name}"
git config user.email "${email}"
${fleetLogin(fleetUrl)}
${landfall} release start --version "$LANDFALL_VERSION" --no-follow --yes -- "$LANDFALL_APP"
${push}`,
    engine: `${fleetLogin(fleetUrl)}
umask 077
printf '%s\\n' "$LANDFALL_KUBECONFIG" > "$temp/kubeconfig"
export KUBECONFIG="$temp/kubeconfig"
${landfall} release run --once`,
  };
}
