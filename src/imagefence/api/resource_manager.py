"""ResourceManager 2020-03-31: the older home of the directory's operations, derived from the newer one.

Source: OpenAPI metadata of both products, compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagefence.api import control_policies, directory
from imagefence.api import directory_faults as faults
from imagefence.api import directory_shapes as shapes
from imagefence.api.operation import Access, Answer, Operation, Parameters
from imagefence.api.products import RESOURCE_MANAGER

NARROWER: dict[Operation[Any, Any], tuple[type[Parameters], type[Answer]]] = {
    directory.CREATE_RESOURCE_ACCOUNT: (
        shapes.CreateResourceAccountOf2020,
        shapes.CreateResourceAccountAnswer,
    ),
    directory.LIST_ACCOUNTS: (shapes.ListAccountsOf2020, shapes.ListAccountsAnswerOf2020),
    directory.ENABLE_RESOURCE_DIRECTORY: (shapes.EnableResourceDirectoryOf2020, shapes.NewDirectoryAnswer),
}


def _twin(operation: Operation[Any, Any]) -> Operation[Any, Any]:
    request, response = NARROWER.get(operation, (operation.request, operation.response))
    page = operation.doc.replace("resourcedirectorymaster-2022-04-19", "resourcemanager-2020-03-31")
    return replace(operation, product=RESOURCE_MANAGER, request=request, response=response, doc=page)


TWINS: dict[Operation[Any, Any], Operation[Any, Any]] = {
    operation: _twin(operation) for operation in directory.OPERATIONS + control_policies.OPERATIONS
}

INIT_RESOURCE_DIRECTORY = Operation(
    product=RESOURCE_MANAGER,
    name="InitResourceDirectory",
    request=shapes.NoParameters,
    response=shapes.NewDirectoryAnswer,
    access=Access.WRITE,
    authorizes=directory.EVERYTHING,
    doc="https://help.aliyun.com/zh/resource-management/resource-directory/developer-reference/"
    "api-resourcemanager-2020-03-31-initresourcedirectory",
    faults=(faults.DIRECTORY_EXISTS, faults.IN_ANOTHER_DIRECTORY),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (INIT_RESOURCE_DIRECTORY, *TWINS.values())
