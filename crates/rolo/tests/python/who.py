"""What boto3 makes of its surroundings: one line of JSON for each time it asks who it is.

Arguments: PROFILE (or - for none), then `again` or `expired` for each further time: at once, or when what it has ends.
"""
import json
import sys
import time

import boto3

profile = None if sys.argv[1] == "-" else sys.argv[1]
session = boto3.Session(profile_name=profile)
sts = session.client("sts")
expiry = None
for when in ["again", *sys.argv[2:]]:
    if when == "expired":
        time.sleep(max(0, expiry.timestamp() - time.time()) + 0.1)
    arn = sts.get_caller_identity()["Arn"]
    credentials = session.get_credentials()
    expiry = getattr(credentials, "_expiry_time", None)
    line = {
        "arn": arn,
        "key": credentials.get_frozen_credentials().access_key,
        "method": credentials.method,
        "expires": expiry and int(expiry.timestamp()),
    }
    print(json.dumps(line), flush=True)
