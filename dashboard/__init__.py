"""The Streamlit pages. They read queries of the read model, and nothing else of Parley."""
