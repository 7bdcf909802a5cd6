// The mark: a wild goose on the wing, its neck stretched towards where the goods go.

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M2 19.6C7 20.9 12 20.6 16 18.6 20.4 16.4 22.6 11.6 26.6 10.4 27.6 10.1 28.5 10.5 29 11.2L31.4 12.3 28.6 12.9C25.9 13.8 24.8 18.2 21.4 21.4 16.6 25.6 8 24.8 2 19.6Z" />
      <path d="M15.4 17.2C12.6 11.9 8.6 7.4 3.4 4.2 11.4 4.4 18 8.2 20.6 14.2 19.2 15.8 17.5 16.8 15.4 17.2Z" />
    </svg>
  );
}
