from .netcdf import netcdf_bytes as netcdf_bytes
from .place import (
    SUFFIXES as SUFFIXES,
    checked_target as checked_target,
    in_place as in_place,
    made_folder as made_folder,
    write_durably as write_durably,
)
from .results import (
    open_result as open_result,
    save as save,
    to_excel as to_excel,
    to_table as to_table,
)
from .stores import (
    drop_from_zarr as drop_from_zarr,
    open_store as open_store,
    seal as seal,
    append_zarr as append_zarr,
    write_zarr as write_zarr,
)
