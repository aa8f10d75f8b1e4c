/** The namespace `optimizers`, as `keras.optimizers`. */
export { Adagrad, type AdagradOptions, Adadelta, type AdadeltaOptions, RMSprop, type RMSpropOptions } from './adaptive';
export { Adam, type AdamOptions, Adamax, AdamW, type MomentsOptions, Nadam } from './adam';
export { learningRateOf, setLearningRate } from './learning_rate';
export { KerasOptimizer, type OptimizerOptions } from './optimizer';
export * as schedules from './schedules';
export { SGD, type SGDOptions } from './sgd';
