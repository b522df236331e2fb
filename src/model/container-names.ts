/** The names of a container for people. */
export interface ContainerNames {
  readonly engine: string;
  readonly id: string;
  readonly name: string;
  readonly image: string | null;
  readonly project: string | null;
}
