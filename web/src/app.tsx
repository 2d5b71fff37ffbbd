import type { Store } from "./store/store";

export const App = ({ store }: { store: Store }) => <main>{store.me.value?.person?.name}</main>;
