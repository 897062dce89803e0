from .predicting import predict as predict
