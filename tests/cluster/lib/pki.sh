# shellcheck shell=bash
# One authority, one server certificate, and a client certificate and kubeconfig for each user.
: "${dir:=}"

# sign NAME SUBJECT [EXTENSIONS]: pki/NAME.key and pki/NAME.crt
sign() {
	local p=$dir/pki/$1
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" \
		-keyout "$p.key" -out "$p.csr" 2>/dev/null
	openssl x509 -req -in "$p.csr" -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -days 2 \
		-set_serial "0x$(openssl rand -hex 8)" -out "$p.crt" \
		-extfile <(echo "${3:-extendedKeyUsage=clientAuth}") 2>/dev/null
}

make_pki() {
	mkdir -p "$dir/pki"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=sitrep-test-ca -keyout "$dir/pki/ca.key" -out "$dir/pki/ca.crt" 2>/dev/null
	sign apiserver /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost"
	sign admin /O=system:masters/CN=admin
	sign loader /O=system:masters/CN=loader
	sign kwok /O=system:masters/CN=kwok
	sign controllers /O=system:masters/CN=controllers
	sign scheduler /O=system:masters/CN=scheduler
	sign reader /CN=sitrep-reader
	sign actor /CN=sitrep-actor
	openssl genrsa -out "$dir/pki/sa.key" 2048 2>/dev/null
	openssl rsa -in "$dir/pki/sa.key" -pubout -out "$dir/pki/sa.pub" 2>/dev/null
}

# kubeconfig FILE USER SERVER [files]: certificates inside the file, or beside it by relative path
kubeconfig() {
	local ca crt key p=$dir/pki
	if [ "${4:-}" = files ]; then
		ca="certificate-authority: pki/ca.crt"
		crt="client-certificate: pki/$2.crt"
		key="client-key: pki/$2.key"
	else
		ca="certificate-authority-data: $(base64 -w 0 "$p/ca.crt")"
		crt="client-certificate-data: $(base64 -w 0 "$p/$2.crt")"
		key="client-key-data: $(base64 -w 0 "$p/$2.key")"
	fi
	cat >"$1" <<X
apiVersion: v1
kind: Config
current-context: test
clusters:
- name: test
  cluster:
    server: $3
    $ca
users:
- name: $2
  user:
    $crt
    $key
contexts:
- name: test
  context: {cluster: test, user: $2}
X
	chmod 600 "$1"
}
