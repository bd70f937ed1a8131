#!/usr/bin/env python3
"""Makes scalars.tfevents beside this file. Needs tensorboardX (pip install tensorboardX), whose writer and messages are TensorFlow's."""

import os

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto import event_pb2, summary_pb2
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto import types_pb2
import struct

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scalars.tfevents")
tensor = lambda **fields: summary_pb2.Summary.Value(tag="accuracy", tensor=TensorProto(tensor_shape=TensorShapeProto(), **fields))

events = [
    event_pb2.Event(wall_time=1700000001.25, step=1, summary=summary_pb2.Summary(value=[
        summary_pb2.Summary.Value(tag="loss", simple_value=0.5), summary_pb2.Summary.Value(tag="accuracy", simple_value=0.1)])),
    event_pb2.Event(wall_time=1700000002.0, step=2, summary=summary_pb2.Summary(value=[tensor(dtype=types_pb2.DT_FLOAT, float_val=[0.25])])),
    event_pb2.Event(wall_time=1700000003.0, step=3, summary=summary_pb2.Summary(value=[
        tensor(dtype=types_pb2.DT_FLOAT, tensor_content=struct.pack("<f", 0.375))])),
    event_pb2.Event(wall_time=1700000004.0, step=4, summary=summary_pb2.Summary(value=[
        tensor(dtype=types_pb2.DT_DOUBLE, tensor_content=struct.pack("<d", 0.1))])),
    event_pb2.Event(wall_time=1700000005.0, step=5, summary=summary_pb2.Summary(value=[tensor(dtype=types_pb2.DT_DOUBLE, double_val=[1e-300])])),
    event_pb2.Event(wall_time=1700000006.0, step=6, summary=summary_pb2.Summary(value=[tensor(dtype=types_pb2.DT_INT32, int_val=[-7])])),
    event_pb2.Event(wall_time=1700000007.0, step=7, summary=summary_pb2.Summary(value=[tensor(dtype=types_pb2.DT_INT64, int64_val=[1 << 40])])),
    event_pb2.Event(wall_time=1700000008.0, step=8, summary=summary_pb2.Summary(value=[
        tensor(dtype=types_pb2.DT_FLOAT, float_val=[1.0, 2.0]), tensor(dtype=types_pb2.DT_STRING, string_val=[b"text"])])),
    event_pb2.Event(wall_time=1700000009.0, step=9, summary=summary_pb2.Summary(value=[
        summary_pb2.Summary.Value(tag="loss", simple_value=float("nan"))])),
]
if os.path.exists(PATH):
    os.unlink(PATH)
writer = EventsWriter(PATH)
for event in events:
    writer.write_event(event)
writer.close()
for name in os.listdir(os.path.dirname(PATH)):
    if name.startswith("scalars.tfevents") and name != "scalars.tfevents":
        os.rename(os.path.join(os.path.dirname(PATH), name), PATH)
