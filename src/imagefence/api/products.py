"""The products, each with its version and the fault of a denied call.

Source: help.aliyun.com pages of each product's API overview.
"""

from __future__ import annotations

from imagefence.api.operation import Fault, Product

FORBIDDEN_RAM = Fault(
    403,
    "Forbidden.RAM",
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
)
NO_PERMISSION = Fault(
    403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM."
)

ECS = Product("Ecs", "2014-05-26", "ecs", FORBIDDEN_RAM)
VPC = Product("Vpc", "2016-04-28", "vpc", FORBIDDEN_RAM)
RAM = Product("Ram", "2015-05-01", "ram", NO_PERMISSION, region_in_names=False)
STS = Product("Sts", "2015-04-01", "sts", NO_PERMISSION, region_in_names=False)
RESOURCE_MANAGER = Product(
    "ResourceManager", "2020-03-31", "resourcemanager", NO_PERMISSION, region_in_names=False
)
RESOURCE_DIRECTORY = Product(
    "ResourceDirectoryMaster", "2022-04-19", "resourcemanager", NO_PERMISSION, region_in_names=False
)
TAG = Product("Tag", "2018-08-28", "tag", NO_PERMISSION)

PRODUCTS = (ECS, VPC, RAM, STS, RESOURCE_MANAGER, RESOURCE_DIRECTORY, TAG)
