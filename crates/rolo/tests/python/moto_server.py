"""moto with a user and a role, then with enforcement on, until standard input ends.

Prints one line of JSON: the server's url, the user's access key id and secret, the role's ARN.
"""
import json
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"

iam = boto3.client(
    "iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any"
)


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


user = iam.create_user(UserName="ada")["User"]
iam.put_user_policy(
    UserName="ada", PolicyName="roles", PolicyDocument=policy(Action="sts:AssumeRole", Resource="*")
)
key = iam.create_access_key(UserName="ada")["AccessKey"]
trust = policy(Principal={"AWS": user["Arn"]}, Action="sts:AssumeRole")
role = iam.create_role(RoleName="Deploy", AssumeRolePolicyDocument=trust)["Role"]
# It trusts somebody else, so that a refusal can be seen.
closed = policy(Principal={"AWS": user["Arn"].replace("user/ada", "user/bob")}, Action="sts:AssumeRole")
other = iam.create_role(RoleName="Closed", AssumeRolePolicyDocument=closed)["Role"]

# From here on each request is checked. Any other content type than a form's is taken.
enforce = urllib.request.Request(
    url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"
)
urllib.request.urlopen(enforce).read()
answer = {"url": url, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
print(json.dumps({**answer, "role": role["Arn"], "closed": other["Arn"]}), flush=True)
sys.stdin.read()
