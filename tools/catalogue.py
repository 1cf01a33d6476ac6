"""Writes the catalogue of actions and keys: `python tools/catalogue.py` (or `make catalogue`).

Operation names come from the client classes of the installed SDK packages; authorised resources and
condition keys from this project's own declarations. A package that is not installed
keeps its entry, so a machine with the seven packages of `dev` alone refreshes those.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from imagefence.api.operation import Access, Authorized, Operation
from imagefence.api.registry import ALL

CATALOGUE = Path(__file__).parents[1] / "src" / "imagefence" / "lint" / "catalogue.json"
CALL = re.compile(r"Params\(\s*action\s*=\s*'(\w+)',\s*version\s*=\s*'([\d-]+)'")

# The RAM codes under which the operations of a package are asked for. Why a table: a code is often not the
# product's: help.aliyun.com ram/product-overview/services-that-work-with-ram lists them. The operations of
# ResourceManager and IMS on roles, policies and logons are asked for as `ram:` (pages of each operation).
EXACT = {
    "actiontrail20200706": ("actiontrail",),
    "alb20200616": ("alb",),
    "cbn20170912": ("cen",),
    "cloudsso20210515": ("cloudsso",),
    "config20200907": ("config",),
    "dds20151201": ("dds",),
    "ebs20210730": ("ebs",),
    "ecd20200930": ("ecd",),
    "eci20180808": ("eci",),
    "ecs20140526": ("ecs",),
    "ess20220222": ("ess",),
    "ims20190815": ("ram", "ims"),
    "kms20160120": ("kms",),
    "nas20170626": ("nas",),
    "nlb20220430": ("nlb",),
    "oos20190601": ("oos",),
    "polardb20170801": ("polardb",),
    "quotas20200510": ("quotas",),
    "r-kvstore20150101": ("kvstore", "r-kvstore"),
    "ram20150501": ("ram",),
    "rds20140815": ("rds",),
    "resourcecenter20221201": ("resourcecenter",),
    "resourcedirectorymaster20220419": ("resourcemanager", "resourcedirectory"),
    "resourcemanager20200331": ("resourcemanager", "ram", "resourcedirectory"),
    "resourcesharing20200110": ("resourcesharing",),
    "ros20190910": ("ros",),
    "slb20140515": ("slb",),
    "sts20150401": ("sts",),
    "swas-open20200601": ("swas-open",),
    "tag20180828": ("tag",),
    "vpc20160428": ("vpc",),
}
# Why apart: the actions of these services are their own words for some operations (`log:PostLogStoreLogs`,
# `oss:GetObjectVersion`, `cms:QueryMetricList`), or belong to versions of the API beside the package's.
LOOSE = {
    "bssopenapi20171214": ("bss", "bssapi"),
    "cms20190101": ("cms",),
    "cs20151215": ("cs",),
    "ehpc20240730": ("ehpc",),
    "emr20210320": ("emr",),
    "fc20230330": ("fc",),
    "oss20190517": ("oss",),
    "sls20201230": ("log",),
}
# Permissions that no operation of their own stands behind: help.aliyun.com ram/user-guide, PassRole.
PERMISSIONS = ("ram:PassRole",)
# Operations that the vendor's tables list with "All Resources" and that no declaration speaks of:
# help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram, and the same table of each other product.
ALL_RESOURCES = (
    "actiontrail:LookupEvents ecs:AcceptInquiredSystemEvent ecs:AuthorizeSecurityGroup "
    "ecs:AuthorizeSecurityGroupEgress ecs:CancelTask ecs:CreateAutoProvisioningGroup "
    "ecs:CreateDedicatedHostCluster ecs:CreateDeploymentSet ecs:CreatePrefixList "
    "ecs:DescribeAccountAttributes ecs:DescribeAutoProvisioningGroupHistory "
    "ecs:DescribeAutoProvisioningGroups ecs:DescribeAvailableResource "
    "ecs:DescribeClassicLinkInstances ecs:DescribeImageFromFamily ecs:DescribeInstanceHistoryEvents "
    "ecs:DescribeInstanceMaintenanceAttributes ecs:DescribeInstanceTypeFamilies "
    "ecs:DescribeInstancesFullStatus ecs:DescribeLockedSnapshots ecs:DescribePrice "
    "ecs:DescribeSnapshotLinks ecs:DescribeSnapshotPackage ecs:DescribeSnapshotsUsage "
    "ecs:DescribeTaskAttribute ecs:DescribeTasks ecs:ModifySecurityGroupEgressRule "
    "ecs:ModifySecurityGroupRule ecs:OpenSnapshotService resourcecenter:EnableResourceCenter "
    "resourcecenter:ExecuteSQLQuery resourcecenter:GetDeliveryChannel "
    "resourcecenter:GetResourceCenterServiceStatus resourcecenter:ListSavedQueries "
    "resourcecenter:SearchMultiAccountResources resourcecenter:SearchResources "
    "resourcecenter:UpdateFilter resourcemanager:CreateCloudAccount resourcemanager:ListTagResources "
    "resourcemanager:PromoteResourceAccount tag:DescribeRegions tag:DetachPolicy "
    "tag:GetEffectivePolicy tag:ListResourcesByTag tag:ListSupportResourceTypes tag:ListTagKeys "
    "tag:ListTagValues "
)
# Further codes of that list; their operations are not known here, and the codes are no slips of the pen.
OTHER_CODES = (
    "adb adam advisor agentloop aisc aiworkspace alidns alikafka antiddos-public apig apigateway arms "
    "batchcompute beian bpstudio cams cas cassandra cdn clickhouse cloudapi cloudfirewall cloudphoto "
    "computenest computenestsupplier cr csas das dataphin dataworks dbes dbs dcdn ddosbgp ddoscoo "
    "ddosdiversion dg dhs dide dm dms docmind-api domain drds dts dysms dyvms eais eas ecs-workbench edas "
    "efc eflo elasticsearch emr-serverless-spark ens esa eventbridge ga gdb governance gpdb green hbase hbr "
    "hcs-sgw hdm hitsdb hologram hsm iacservice ice imm iot ivision lindorm linkwan live market mns "
    "modelstudio mse mssp mts oceanbase oceanbasepro odps ons openanalytics openapiexplorer opensearch ots "
    "pai paicodesource paidataset paifeaturestore paiimage paidsw paiworkspace pam petadata polardbx "
    "privatelink pts pvtz rdsai rocketmq sae sasti sca selectdb serverless servicecatalog servicemesh sls "
    "smartag sr starops stream support sysom vod vpcpeer vs waf waf-openapi xtrace yundun-aegis "
    "yundun-antiddosbag yundun-bastionhost yundun-cert yundun-cloudfirewall yundun-dbaudit yundun-ddoscoo "
    "yundun-ddosdip yundun-hsm yundun-sas yundun-sddp yundun-waf"
)


def package_name(key: str) -> str:
    """The distribution that a row of the table stands for."""
    return f"alibabacloud-{key}"


def read_package(key: str) -> dict[str, Any] | None:
    """Version, release and operation names of an installed package; None where it is missing.

    Why the text of the client and not an import of it: the larger clients take seconds to import.
    """
    try:
        found = distribution(package_name(key))
    except PackageNotFoundError:
        return None
    module = package_name(key).replace("-", "_")
    text = Path(str(found.locate_file(f"{module}/client.py"))).read_text(encoding="utf-8")
    calls = CALL.findall(text)
    return {
        "release": found.version,
        "version": calls[0][1],
        "services": (EXACT | LOOSE)[key],
        "exact": key in EXACT,
        "operations": " ".join(sorted({name for name, _ in calls})),
    }


def resource_of(authorized: Authorized, operation: Operation[Any, Any]) -> str:
    """The service and kind of the names that an operation authorises: `ecs:image/`, `*`, or `any`."""
    if authorized.kind == "*":
        return "*"
    if authorized.kind == "arn" or authorized.kind.startswith("{"):
        return "any"
    return f"{authorized.service or operation.product.ram_code}:{authorized.kind}/"


def declared() -> dict[str, dict[str, Any]]:
    """What each declared action authorises, and the keys that it sets."""
    actions: dict[str, dict[str, Any]] = {}
    for operation in ALL:
        for action in {each.action or operation.action for each in operation.authorizes}:
            mine = [each for each in operation.authorizes if (each.action or operation.action) == action]
            row = actions.setdefault(action, {"resources": [], "keys": [], "writes": False})
            row["resources"] = sorted({*row["resources"], *(resource_of(each, operation) for each in mine)})
            row["keys"] = sorted({*row["keys"], *operation.keys})
            row["writes"] = row["writes"] or operation.access is Access.WRITE
    return dict(sorted(actions.items()))


def unscoped() -> list[str]:
    """The actions that authorise `*` alone."""
    return sorted(
        {*ALL_RESOURCES.split(), *(action for action, row in declared().items() if row["resources"] == ["*"])}
    )


def catalogue(kept: dict[str, Any]) -> dict[str, Any]:
    """The whole catalogue; `kept` holds the entries of packages that are not installed here."""
    packages = {}
    for key in sorted(EXACT | LOOSE):
        found = read_package(key) or kept.get(package_name(key))
        if found is not None:
            packages[package_name(key)] = found
    return {
        "packages": packages,
        "declared": declared(),
        "unscoped": unscoped(),
        "permissions": PERMISSIONS,
        "codes": OTHER_CODES,
    }


def written(data: dict[str, Any]) -> str:
    """The catalogue as text: one line for each package and action."""
    parts = []
    for name, value in data.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in value.items())
            parts.append(f" {json.dumps(name)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Writes the file, and says how many operations of how many services it holds."""
    kept = json.loads(CATALOGUE.read_text())["packages"] if CATALOGUE.exists() else {}
    data = catalogue(kept)
    CATALOGUE.write_text(written(data))
    count = sum(row["operations"].count(" ") + 1 for row in data["packages"].values())
    print(f"wrote {CATALOGUE.name}: {count} operations of {len(data['packages'])} packages")


if __name__ == "__main__":
    main()
