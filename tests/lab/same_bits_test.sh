#!/usr/bin/env bash
# Trains a network of every kind with each of the programs given, on one, two and three threads, and compares the weights,
# bit for bit.
#
# Usage: same_bits_test.sh CAYLEY_LAB CAYLEY_LAB..
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

group='"group": "SymmetricGroup", "group_parameter": 4, "frac_train": 0.6, "layers": {"embed_dim": 32, "hidden_dim": 24}'
sizes='"d_model": 32, "n_heads": 2, "d_head": 16'
run='"num_epochs": 60, "seed": 1, "checkpoint_points": 0'
declare -A configs=(
  [mlp]="{\"model\": \"OneLayerMLP\", $group, $run}"
  [bilinear]="{\"model\": \"BilinearNet\", $group, $run}"
  [batches]="{\"model\": \"OneLayerMLP\", $group, $run, \"batch_size\": 50, \"optimizer\": \"SGD\", \"momentum\": 0.9}"
  [addition]="{\"task\": \"add\", \"group\": \"CyclicGroup\", \"group_parameter\": 13, \"frac_train\": 0.6, \"model\": \"Transformer\",
    \"transformer\": {$sizes, \"d_mlp\": 64}, $run}"
  [induction]="{\"task\": \"induction\", \"sequences\": {\"length\": 20, \"copied\": 4, \"copies\": 2, \"vocabulary\": 16},
    \"batch_size\": 8, \"model\": \"Transformer\", \"transformer\": {$sizes, \"n_layers\": 2, \"attn_only\": true}, $run}"
  [digits]="{\"task\": \"digit_addition\", \"sequences\": {\"digits\": 2}, \"batch_size\": 8, \"model\": \"Transformer\",
    \"transformer\": {$sizes, \"d_mlp\": 64, \"act_fn\": \"gelu\", \"has_layer_norm\": true, \"has_biases\": true}, $run}"
)
differ=0 number=0
for kind in "${!configs[@]}"; do
  printf '%s\n' "${configs[$kind]}" >"$folder/$kind.json"
  first=
  for lab in "$@"; do
    for threads in 1 2 3; do
      out=$folder/$kind-$((++number))
      "$lab" train "$folder/$kind.json" --out "$out" --threads "$threads" >/dev/null 2>&1
      sum=$(sha256sum <"$out/model.safetensors")
      if [[ -n $first && $sum != "$first" ]]; then
        echo "$kind: $lab with $threads threads: other bits than $1 with one"
        differ=1
      fi
      first=${first:-$sum}
    done
  done
done
((differ)) || echo "the same bits: ${#configs[@]} runs, $# programs, 1 to 3 threads"
exit "$differ"
