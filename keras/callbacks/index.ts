/** The namespace `callbacks`, as `keras.callbacks`. */
export { DownloadFolder, MemoryFolder, type Folder, type FolderPlace } from '../io/folder';
export { BackupAndRestore, type BackupAndRestoreOptions } from './backup_and_restore';
export { CSVLogger, type CSVLoggerOptions } from './csv_logger';
export { EarlyStopping, type EarlyStoppingOptions } from './early_stopping';
export { LearningRateScheduler, ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './learning_rate';
export { ModelCheckpoint, type ModelCheckpointOptions } from './model_checkpoint';
export { ProgbarLogger, type ProgbarLoggerOptions } from './progbar_logger';
export { TensorBoard, type TensorBoardOptions } from './tensorboard';
export { History, LambdaCallback, type LambdaCallbackOptions, TerminateOnNaN } from './small';
